/** What a call is refused with. */
export async function refusalOf(call: Promise<unknown>): Promise<unknown> {
  try {
    return new Error(
      `The call was answered: ${JSON.stringify(await call, (_key, value: unknown) => (typeof value === "bigint" ? `${value}n` : value))}`,
    );
  } catch (error) {
    return error;
  }
}
