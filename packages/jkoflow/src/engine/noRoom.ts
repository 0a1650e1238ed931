/** What is thrown when the system has no memory, address space or thread left: nobody's usage, so no InputError. */

/** An error as Node gives those of the operating system: with `code` and `syscall`, and what it is about as `path`. */
export interface SystemError extends Error {
  readonly code: string;
  readonly syscall: string;
  readonly path: string;
}

/** No more address space for the memory of WebAssembly; `code` is ENOMEM, as of the native kernel. */
export function noRoom(): SystemError {
  const message =
    "no room for the memory of WebAssembly, expected 256 MB of address space; dispose engines that are no longer used";
  return Object.assign(new Error(message), { code: "ENOMEM", syscall: "WebAssembly.Memory", path: "engine" });
}

/** The code of a system's error: ENOMEM where memory or address space ran out, EAGAIN where threads did. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, syscall } = error as Partial<SystemError>;
  return typeof syscall === "string" ? code : undefined;
}
