// Pictures that are drawn for the width that there is, so that their words keep their size.

/**
 * Draws into an element, anew when its width changes; returns how to stop.
 * @param {HTMLElement} element
 * @param {(width: number) => Node} picture
 */
export function fitted(element, picture) {
  let width = 0;
  const watching = new ResizeObserver(([entry]) => {
    const now = Math.floor(entry.contentRect.width);
    if (now === width || now === 0) return;
    width = now;
    element.replaceChildren(picture(width));
  });
  watching.observe(element);
  return () => watching.disconnect();
}
