/** Scene 3: the product. A phone that counts down to the gate. */
import { useCurrentFrame } from 'remotion';
import { Headline } from '../shared/headline.tsx';
import { Phone } from '../shared/phone.tsx';
import { type SceneProps, Stage } from '../shared/stage.tsx';
import { between, color, drift, mix } from '../shared/theme.ts';
import { Water } from '../shared/water.tsx';

export default function Pocket({ filmFrame }: SceneProps) {
  const frame = useCurrentFrame();
  const enter = between(frame, 8, 52);
  const turn = between(frame, 0, 180, (t) => t);
  return (
    <Stage filmFrame={filmFrame} style={{ background: `linear-gradient(${color.abyss}, #104a63)` }}>
      <Water
        level={mix(640, 540, between(frame, 0, 170, drift))}
        tints={['#2a7f93', color.abyss]}
        opacity={0.8}
        swell={8}
      />
      <Headline
        lines={['Neap tells', 'you when', 'to go.']}
        at={16}
        size={116}
        tint={color.paper}
        style={{ left: 84, top: 150 }}
      />
      <div
        style={{
          position: 'absolute',
          left: 800,
          top: 22,
          transform: `perspective(1600px) translateY(${(1 - enter) * 620}px) rotateY(${mix(-16, -5, turn)}deg) rotateX(${mix(7, 2, turn)}deg) rotateZ(${mix(4, 1.5, turn)}deg)`,
          transformOrigin: '50% 60%',
        }}
      >
        <Phone frame={frame} />
      </div>
    </Stage>
  );
}
