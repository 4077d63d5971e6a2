import { spawnSync } from 'node:child_process'

/**
 * Node's raw mode leaves one thing on: the terminal of stdin puts a return before every line feed. A full-screen program
 * at the other end goes straight down with a line feed, and would find itself in the first column. Where there is no
 * `stty` it stays so.
 */
export function passOutputOn(): void {
  spawnSync('stty', ['-opost'], { stdio: ['inherit', 'ignore', 'ignore'] })
}
