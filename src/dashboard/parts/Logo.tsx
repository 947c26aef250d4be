/** The product's glyph, the drawing of media/logo.svg. */
export function Logo() {
  return (
    <svg class="logo" viewBox="0 0 16 16" aria-hidden="true">
      <path d="M13.67 12.273A7.1 7.1 0 1 1 13.67 3.727A.75 .75 0 0 1 12.472 4.63A5.6 5.6 0 1 0 12.472 11.37A.75 .75 0 0 1 13.67 12.273ZM4.97 5.73A.75 .75 0 0 1 6.03 4.67L8.83 7.47A.75 .75 0 0 1 7.77 8.53ZM7.77 7.47A.75 .75 0 0 1 8.83 8.53L6.03 11.33A.75 .75 0 0 1 4.97 10.27Z" />
      <path class="node" d="M12.7 8A1.25 1.25 0 1 1 15.2 8A1.25 1.25 0 1 1 12.7 8Z" />
    </svg>
  );
}
