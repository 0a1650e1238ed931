/**
 * Ends the decoding process once the command that started it is gone. Its own event loop would hear that the channel is
 * closed, but not while it is held by a page that never ends; this thread still runs then.
 *
 * Given: { parent, everyMilliseconds }, the id of the command's process.
 */
import { workerData } from "node:worker_threads";

/** Where the system hands orphans on, the parent's number changes; elsewhere (Windows) the old one answers no more. */
function isGone(parent) {
  if (process.ppid !== parent) return true;
  try {
    process.kill(parent, 0);
    return false;
  } catch (error) {
    return error.code === "ESRCH"; // EPERM: it is there
  }
}

const { parent, everyMilliseconds } = workerData;
setInterval(() => {
  if (isGone(parent)) process.kill(process.pid, "SIGKILL");
}, everyMilliseconds);
