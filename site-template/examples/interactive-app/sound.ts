/** A small synthesiser: what is drawn can be heard. Starts with the first key, because browsers ask for that. */

const ROOT_HERTZ = 220 * 2 ** (3 / 12 - 1);
const SECONDS = 4;

export class Synthesiser {
  #context: AudioContext | undefined;
  #playing: GainNode | undefined;

  /** @param ratios frequency of each voice against the root */
  play(ratios: readonly number[]): void {
    this.#context ??= new AudioContext();
    const context = this.#context;
    void context.resume();
    this.hush();
    const now = context.currentTime;
    const out = context.createGain();
    out.gain.setValueAtTime(0, now);
    out.gain.linearRampToValueAtTime(0.32 / ratios.length, now + 0.02);
    out.gain.exponentialRampToValueAtTime(0.0005, now + SECONDS);
    const soften = context.createBiquadFilter();
    soften.type = 'lowpass';
    soften.frequency.setValueAtTime(2600, now);
    soften.frequency.exponentialRampToValueAtTime(500, now + SECONDS);
    soften.connect(out).connect(context.destination);
    for (const [index, ratio] of ratios.entries()) {
      for (const [multiple, loud] of [
        [1, 1],
        [2, 0.28],
        [3, 0.1],
      ] as const) {
        const voice = context.createOscillator();
        const gain = context.createGain();
        voice.frequency.value = ROOT_HERTZ * 2 * ratio * multiple;
        gain.gain.value = loud;
        voice.connect(gain).connect(soften);
        voice.start(now + index * 0.03);
        voice.stop(now + SECONDS);
      }
    }
    this.#playing = out;
  }

  hush(): void {
    const now = this.#context?.currentTime ?? 0;
    this.#playing?.gain.cancelScheduledValues(now);
    this.#playing?.gain.setTargetAtTime(0, now, 0.04);
    this.#playing = undefined;
  }
}
