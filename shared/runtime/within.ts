/** What `work` comes to, or `otherwise` once it has taken `ms`; then it goes on, and nobody hears how it ends. */
export async function within<Value, Other>(
  work: Promise<Value>,
  ms: number,
  otherwise: () => Other,
): Promise<Value | Other> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Other>((resolve) => {
    timer = setTimeout(() => resolve(otherwise()), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
