/** Scene 5: the water comes back, and brings the name. */
import { spring, useCurrentFrame, useVideoConfig } from 'remotion';
import { Headline, Kicker } from '../shared/headline.tsx';
import { type SceneProps, Stage } from '../shared/stage.tsx';
import { between, color, drift, mix } from '../shared/theme.ts';
import { surfaceLine, Water } from '../shared/water.tsx';

export default function Neap({ filmFrame }: SceneProps) {
  const frame = useCurrentFrame();
  const level = mix(740, 470, between(frame, 4, 84, drift));
  return (
    <Stage filmFrame={filmFrame} style={{ background: color.paper }} last>
      <Water level={level} tints={[color.sea, color.deep]} swell={9} />
      <Mark frame={frame} />
      <Headline lines={['Neap']} at={22} size={228} style={{ left: 470, top: 196 }} />
      <Headline
        lines={['The sea keeps time. Now you do too.']}
        at={48}
        size={50}
        tint={color.paper}
        style={{ left: 84, top: 556, letterSpacing: '-0.02em' }}
      />
      <Kicker text="In your harbour from 1 April" at={70} tint={color.shallow} style={{ left: 86, top: 630 }} />
    </Stage>
  );
}

function Mark({ frame }: { frame: number }) {
  const { fps } = useVideoConfig();
  const pop = spring({ frame: frame - 12, fps, config: { damping: 13, mass: 0.8 } });
  const fill = mix(330, 172, between(frame, 18, 64, drift));
  const line = surfaceLine({ level: fill, height: 15, length: 300, phase: frame * 0.06 }, 320);
  return (
    <svg
      width="320"
      height="320"
      viewBox="0 0 320 320"
      style={{ position: 'absolute', left: 106, top: 150, transform: `scale(${pop})` }}
      aria-hidden
    >
      <clipPath id="mark">
        <circle cx="160" cy="160" r="150" />
      </clipPath>
      <g clipPath="url(#mark)">
        <rect width="320" height="320" fill={color.magenta} />
        <path d={`${line} V330 H0 Z`} fill={color.paper} />
      </g>
      <circle cx="160" cy="160" r="150" fill="none" stroke={color.magenta} strokeWidth="6" />
    </svg>
  );
}
