/** The paper: draws the figure stroke by stroke, keeps it turning, and lets itself be dragged. */
import { type PointerEvent, useEffect, useRef } from 'react';
import styles from './drawing.module.css';
import { draw, type Figure, type Ink, trace } from './harmonograph.ts';

const DRAW_MILLISECONDS = 3600;
/** Turns of the phase in a second, once the figure is complete. */
const TURNING = 0.012;
const PHASE_PER_PIXEL = 1 / 900;
const CENTS_PER_PIXEL = 1 / 24;

interface DrawingProps {
  figure: Figure;
  ink: Ink;
  label: string;
  /** A new number draws the figure afresh. */
  take: number;
  still: boolean;
  onTurn: (change: { phase: number; drift: number }) => void;
}

export function Drawing({ figure, ink, label, take, still, onTurn }: DrawingProps) {
  const canvasRef = useRef<HTMLCanvasElement>(null);
  const startedAt = useRef(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new take or chord starts the stroke again
  useEffect(() => {
    startedAt.current = performance.now();
  }, [take, figure.ratios]);
  useEffect(() => {
    const canvas = canvasRef.current;
    if (!canvas) return;
    const paint = (now: number) => {
      const elapsed = now - startedAt.current;
      const part = still ? 1 : ease(Math.min(1, Math.max(0, elapsed / DRAW_MILLISECONDS)));
      const turned = still ? 0 : (Math.max(0, elapsed) / 1000) * TURNING;
      draw(canvas, trace({ ...figure, phase: figure.phase + turned }), part, ink);
    };
    return still ? paintOnResize(canvas, paint) : paintAlways(canvas, paint);
  }, [figure, ink, still]);
  const drag = (event: PointerEvent) => {
    if (event.buttons !== 1) return;
    onTurn({ phase: event.movementX * PHASE_PER_PIXEL, drift: -event.movementY * CENTS_PER_PIXEL });
  };
  return (
    <canvas
      ref={canvasRef}
      className={styles.paper}
      role="img"
      aria-label={label}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={drag}
    />
  );
}

function ease(t: number): number {
  return 1 - (1 - t) ** 2.2;
}

/** Sharp on every screen: as many pixels as the screen has, at most two to a CSS pixel. */
function fitToScreen(canvas: HTMLCanvasElement): void {
  const density = Math.min(2, devicePixelRatio);
  const [width, height] = [Math.round(canvas.clientWidth * density), Math.round(canvas.clientHeight * density)];
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
}

type Paint = (now: number) => void;

function paintOnResize(canvas: HTMLCanvasElement, paint: Paint): () => void {
  const observer = new ResizeObserver(() => {
    fitToScreen(canvas);
    paint(performance.now());
  });
  observer.observe(canvas);
  return () => observer.disconnect();
}

function paintAlways(canvas: HTMLCanvasElement, paint: Paint): () => void {
  let request = requestAnimationFrame(function next(now) {
    fitToScreen(canvas);
    paint(now);
    request = requestAnimationFrame(next);
  });
  return () => cancelAnimationFrame(request);
}
