/** Every bound of commands, by name. What happens at each stands where it is used. */

/** Host: commands of one peer at once. */
export const MAX_COMMANDS_PER_PEER = 32
/** Of all words together, as JSON: they go in the header of an Open, which has 16 KiB. */
export const MAX_COMMAND_BYTES = 12 * 1024
/** Submitter: until a command may be running. Longer than the host gives its own cluster. */
export const START_TIMEOUT_MS = 45_000
/** Frames read ahead of who wants them. */
export const MAX_FRAMES_AHEAD = 4
