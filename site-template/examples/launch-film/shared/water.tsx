/** Water with a moving surface, seen from the side, and the curve of that surface. */
import { useId } from 'react';
import { useCurrentFrame } from 'remotion';
import { color } from './theme.ts';

interface Wave {
  /** Pixels from the top to the resting surface. */
  level: number;
  height: number;
  length: number;
  phase: number;
}

const STEP = 16;

export function surfaceAt(x: number, wave: Wave): number {
  const turn = (x / wave.length) * 2 * Math.PI + wave.phase;
  return wave.level + Math.sin(turn) * wave.height + Math.sin(turn * 1.7 + 1.3) * wave.height * 0.45;
}

export function surfaceLine(wave: Wave, width: number): string {
  const points = Array.from({ length: width / STEP + 2 }, (_, index) => {
    const x = index * STEP;
    return `${x},${surfaceAt(x, wave).toFixed(1)}`;
  });
  return `M${points.join(' L')}`;
}

interface WaterProps {
  level: number;
  width?: number;
  height?: number;
  /** Colours at the surface and at the bottom. */
  tints?: readonly [string, string];
  opacity?: number;
  swell?: number;
}

export function Water({
  level,
  width = 1280,
  height = 720,
  tints = [color.sea, color.deep],
  opacity = 1,
  swell = 5,
}: WaterProps) {
  const frame = useCurrentFrame();
  const id = useId().replace(/\W/g, '');
  const layers = [
    { lift: -9, height: swell * 1.2, length: 420, phase: frame * 0.045, opacity: 0.35 },
    { lift: -3, height: swell, length: 300, phase: 2 - frame * 0.06, opacity: 0.55 },
    { lift: 4, height: swell * 0.8, length: 360, phase: 4 + frame * 0.07, opacity: 0.92 },
  ];
  return (
    <svg
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      style={{ position: 'absolute', opacity }}
      aria-hidden
    >
      <defs>
        <linearGradient id={id} gradientUnits="userSpaceOnUse" x1="0" x2="0" y1={level} y2={height}>
          <stop offset="0" stopColor={tints[0]} />
          <stop offset="1" stopColor={tints[1]} />
        </linearGradient>
      </defs>
      {layers.map((layer) => {
        const line = surfaceLine({ ...layer, level: level + layer.lift }, width);
        return (
          <g key={layer.length}>
            <path
              d={`${line} L${width + STEP},${height} L0,${height} Z`}
              fill={`url(#${id})`}
              opacity={layer.opacity}
            />
            <path d={line} fill="none" stroke="#fff4d8" strokeWidth="1.5" opacity={layer.opacity * 0.5} />
          </g>
        );
      })}
    </svg>
  );
}
