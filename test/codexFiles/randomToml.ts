/** A TOML text made of awkward pieces; the same seed gives the same text. Not every one is valid. */
export function randomToml(seed: number): string {
  let state = seed;
  const random = (below: number) => {
    // xorshift32
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
  const pick = <T>(list: readonly [T, ...T[]]): T => list[random(list.length)] ?? list[0];
  const maybe = (text: string) => (random(2) === 0 ? text : '');
  const blank = () => pick(['', ' ', '\t', '  ']);
  const word = () => pick(['a', 'b', 'model', 'tui', 'x-1', 'model_provider', 'opencodex']);
  const name = () => pick([word(), `"${word()}"`, `'${word()}'`, '"q # ]"', "'='", '"\\u0041"']);
  const key = () => name() + (random(4) === 0 ? `${blank()}.${blank()}${name()}` : '');
  const string = () =>
    pick([
      '"x"',
      '""',
      "''",
      '"# ] } \\" \'"',
      '\'# """ \\\'',
      '"""\n[tui]\n#opencodex-was# a = 1\n"""',
      '"""a"" \\""""""',
      "'''\n# x = '' \"\"\"\n'''",
      "'''a''''",
      '"""\\\n   x"""',
    ]);
  const comment = () =>
    pick(['# c', '#', '#:schema x', '# model = "x"', '# [a]', "# '''", '# """']);
  const filler = () => pick(['', ' ', '\n', `\n ${comment()}\n`, '\n\n\t']);
  const value = (depth: number): string => {
    switch (random(depth > 2 ? 4 : 7)) {
      case 0:
      case 1:
        return string();
      case 2:
        return pick(['1', '-0', '1_0', '0x1F', '1e3', 'inf', 'true']);
      case 3:
        return pick(['1979-05-27', '1979-05-27 07:32:00', '07:32:00', '1979-05-27T07:32:00Z']);
      case 4:
      case 5: {
        const items = Array.from(
          { length: random(4) },
          () => filler() + value(depth + 1) + filler(),
        );
        return `[${items.join(',')}${items.length > 0 ? maybe(',') : ''}${filler()}]`;
      }
      default: {
        const items = Array.from(
          { length: random(4) },
          (_, n) =>
            `${filler()}${pick([`k${n}`, `"k${n}"`, `o.k${n}`])} = ${value(depth + 1)}${filler()}`,
        );
        return `{${items.join(',')}${blank()}}`;
      }
    }
  };
  const end = () => `${blank()}${maybe(comment())}\n`;
  const line = (): string => {
    switch (random(8)) {
      case 0:
        return `${blank()}\n`;
      case 1:
        return `${blank()}${comment()}\n`;
      case 2:
        return `${blank()}[${blank()}t${random(30)}.${key()}${blank()}]${end()}`;
      case 3:
        return `${blank()}[[l${random(4)}]]${end()}`;
      case 4:
        return pick([
          `[model_providers.p${random(20)}]${end()}`,
          `[model_providers.opencodex]${end()}name = "Theirs"${end()}`,
          `model_providers.p${random(20)}.name = "N"${end()}`,
          `model_provider = ${string()}${end()}`,
          `model = ${string()}${end()}`,
        ]);
      default:
        return `${blank()}k${random(1000)}${blank()}=${blank()}${value(0)}${end()}`;
    }
  };
  const text = Array.from({ length: random(9) }, line).join('');
  const ended = random(3) === 0 ? text.replace(/\n$/, '') : text;
  return maybe('\uFEFF') + (random(3) === 0 ? ended.replaceAll('\n', '\r\n') : ended);
}
