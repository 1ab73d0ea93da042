import { warn } from "@reactive-domain/core";

/** Tells somebody, and has nobody wait for it. Whoever fails to take something must neither hide it nor end the process. */
export async function tell<T>(listener: (told: T) => unknown, told: T): Promise<void> {
  try {
    await listener(told);
  } catch (failure) {
    if (told instanceof Error) warn(told);
    warn(failure);
  }
}

/** What is told to nobody else: a process in which a worker has stopped must not look well, however it ends. */
export function failProcess(error: Error): void {
  warn(error);
  process.exitCode ??= 1;
}
