/**
 * Many things to wait for, a few at a time.
 *
 * @module
 */

/**
 * Does a work for each of many, beginning in their order, at most so many at once.
 *
 * @throws what a work throws; those under way go on, and none is begun for others by then.
 */
export async function doFew<Item>(
  items: Iterable<Item>,
  most: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const left = [...items].values();
  let isOver = false;
  const hand = async () => {
    for (const item of left) {
      if (isOver) return;
      await work(item);
    }
  };
  try {
    await Promise.all(Array.from({ length: most }, hand));
  } finally {
    isOver = true;
  }
}
