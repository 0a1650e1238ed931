/**
 * Ends the decoding process once the command that started it is gone, or one piece of work took more processor time than it
 * may: that is counted and not the time of the wall, for a busy machine does not make a file a damaged one. The process's own event loop
 * could tell neither while it is held by a page that never ends; this thread still runs then.
 *
 * Given: { parent, everyMilliseconds, patienceSeconds, begun }: the id of the command's process, and the processor time in
 * microseconds at which the present piece of work was begun, shared; NaN between pieces.
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

const { parent, everyMilliseconds, patienceSeconds, begun } = workerData;
setInterval(() => {
  if (isGone(parent)) process.kill(process.pid, "SIGKILL");
  const { user, system } = process.cpuUsage();
  if (user + system - begun[0] > 1e6 * patienceSeconds) process.kill(process.pid, "SIGXCPU");
}, everyMilliseconds);
