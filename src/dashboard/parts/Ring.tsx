const radius = 9;
const around = 2 * Math.PI * radius;

/** A share as a ring; the number beside it says the same. */
export function Ring({ share }: { share: number }) {
  return (
    <svg class="ring" viewBox="0 0 24 24" aria-hidden="true">
      <circle class="whole" cx="12" cy="12" r={radius} />
      <circle
        class="part"
        cx="12"
        cy="12"
        r={radius}
        stroke-dasharray={`${Math.min(1, share) * around} ${around}`}
        transform="rotate(-90 12 12)"
      />
    </svg>
  );
}
