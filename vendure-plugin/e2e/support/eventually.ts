/** Waits until `check` does not throw; its last error if that takes longer than `withinMs`. */
export async function eventually<Value>(check: () => Promise<Value>, withinMs = 15_000): Promise<Value> {
  const deadlineMs = Date.now() + withinMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > deadlineMs) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
