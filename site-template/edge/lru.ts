/** A bounded memory that forgets what was used longest ago. */

export class Lru<Value> {
  readonly #maxWeight: number;
  readonly #weigh: (value: Value) => number;
  /** In order of use: the first was used longest ago. */
  readonly #values = new Map<string, Value>();
  #weight = 0;

  /**
   * @param maxWeight what all values may weigh together
   * @param weigh weight of one value; all weigh 1 otherwise, and `maxWeight` is a number of values
   */
  constructor(maxWeight: number, weigh: (value: Value) => number = () => 1) {
    this.#maxWeight = maxWeight;
    this.#weigh = weigh;
  }

  get(key: string): Value | undefined {
    const value = this.#values.get(key);
    if (value === undefined) return undefined;
    this.#values.delete(key);
    this.#values.set(key, value);
    return value;
  }

  set(key: string, value: Value): void {
    const old = this.#values.get(key);
    if (old !== undefined) this.#weight -= this.#weigh(old);
    this.#values.delete(key);
    this.#values.set(key, value);
    this.#weight += this.#weigh(value);
    for (const [oldest, dropped] of this.#values) {
      if (this.#weight <= this.#maxWeight) break;
      this.#values.delete(oldest);
      this.#weight -= this.#weigh(dropped);
    }
  }
}
