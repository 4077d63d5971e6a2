// @ts-check
/** What a person can put right: told in our words, without a stack. */
export class Refusal extends Error {}
