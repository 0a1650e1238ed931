/** A folder with those above it. */
import fs from "node:fs";
import { dirname, resolve } from "node:path";

/**
 * Not `mkdirSync` with `recursive`: where the system forbids new folders by ENOENT, as under /proc, that of Node 20 never
 * returns.
 */
export function makeFolder(path: string): void {
  const missing: string[] = [];
  for (let at = resolve(path); !fs.existsSync(at); at = dirname(at)) missing.push(at);
  for (const each of missing.reverse()) {
    try {
      fs.mkdirSync(each);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error; // another process was first
    }
  }
}
