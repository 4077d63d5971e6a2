/** Of what was said before anybody listened, the last word is kept. */
export class LastValue<T> {
  #value: { readonly value: T } | undefined
  #listener: ((value: T) => void) | undefined

  set(value: T): void {
    if (this.#listener === undefined) this.#value = { value }
    else this.#listener(value)
  }

  listen(listener: (value: T) => void): void {
    this.#listener = listener
    if (this.#value !== undefined) listener(this.#value.value)
  }
}
