import type { sendUnaryData } from "@grpc/grpc-js";
import { refusalOf } from "./refusal-of.ts";
import type { Refusal } from "./refusal.ts";

/** Sends what comes of the work for a call that has one answer, or why nothing does. */
export async function answer<T>(
  work: Promise<T>,
  callback: sendUnaryData<T>,
  refuse: (error: unknown) => Refusal = refusalOf,
): Promise<void> {
  let response: T;
  try {
    response = await work;
  } catch (error) {
    callback(refuse(error));
    return;
  }
  callback(null, response);
}
