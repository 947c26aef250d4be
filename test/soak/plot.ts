/** A curve of a plot: points of minutes and a value. */
export interface Curve {
  readonly name: string;
  readonly unit: string;
  readonly points: readonly (readonly [minutes: number, value: number])[];
}

const width = 760;
const height = 170;
const left = 70;

/** Small multiples, one below the other, in colours that show on light and dark. */
export function plot(title: string, curves: readonly Curve[]): string {
  const rows = curves.map((curve, row) => panel(curve, 40 + row * height));
  const total = 40 + curves.length * height;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${total}" font-family="system-ui, sans-serif" font-size="12" fill="#7a7f87">
<title>${title}</title>
<text x="${left}" y="20" font-size="14">${title}</text>
${rows.join('\n')}
</svg>
`;
}

function panel({ name, unit, points }: Curve, top: number): string {
  const most = Math.max(1, ...points.map(([, value]) => value)) * 1.15;
  const long = Math.max(1e-9, ...points.map(([minutes]) => minutes));
  const bottom = top + height - 40;
  const x = (minutes: number): number => left + (minutes / long) * (width - left - 20);
  const y = (value: number): number => bottom - (value / most) * (bottom - top - 10);
  const line = points.map(([m, v]) => `${x(m).toFixed(1)},${y(v).toFixed(1)}`).join(' ');
  const marks = [0, 0.5, 1].map((part) => {
    const value = (most / 1.15) * part;
    const at = y(value).toFixed(1);
    return `<path d="M${left} ${at}H${width - 20}" stroke="#7a7f8744"/><text x="${left - 6}" y="${at}" dy="4" text-anchor="end">${Math.round(value)}</text>`;
  });
  return `<g><text x="${left}" y="${top}">${name} (${unit})</text>
${marks.join('')}
<polyline points="${line}" fill="none" stroke="#3794ff" stroke-width="2"/>
<text x="${left}" y="${bottom + 16}">0 min</text><text x="${width - 20}" y="${bottom + 16}" text-anchor="end">${long.toFixed(1)} min</text></g>`;
}
