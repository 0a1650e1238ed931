/** Text in a page. */

/** Column names and paths come from outside. */
export const escapeHtml = (text: unknown): string =>
  String(text).replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
