/** A QR code as a picture: always dark on light. */
import type { QrCode } from './qr-code.ts';
import styles from './qr-picture.module.css';

interface QrPictureProps {
  readonly code: QrCode;
  readonly label: string;
}

export function QrPicture({ code, label }: QrPictureProps) {
  const size = code.length;
  return (
    <svg
      className={styles.picture}
      viewBox={`0 0 ${size} ${size}`}
      shapeRendering="crispEdges"
      role="img"
      aria-label={label}
    >
      <path className={styles.light} d={`M0 0h${size}v${size}H0z`} />
      <path d={darkPath(code)} />
    </svg>
  );
}

function darkPath(code: QrCode): string {
  const squares = code.flatMap((row, y) =>
    row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : '')),
  );
  return squares.join('');
}
