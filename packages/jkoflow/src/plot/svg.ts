/**
 * SVG as text: elements, escapes, numbers.
 *
 * Only presentation attributes are written, never `style`, since a strict content policy drops the latter. Numbers are
 * rounded to a tenth of a pixel: files stay small and equal input gives equal bytes.
 */

/** Attribute values; numbers are pixels and get rounded, strings are written as they are. */
export type Attributes = Readonly<Record<string, string | number>>;

/** Characters that XML 1.0 forbids even when escaped: controls other than tab and line ends, lone surrogates. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to remove.
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu;

/** Text safe inside an element or a quoted attribute; what XML forbids becomes U+FFFD. */
export function escapeXml(value: string): string {
  return value
    .replace(FORBIDDEN, "\ufffd")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

/** A length in pixels with at most one decimal; "0" for what is not finite, so that no NaN reaches a file. */
export function pixels(value: number): string {
  if (!Number.isFinite(value)) return "0";
  const tenths = Math.round(value * 10);
  return tenths === 0 ? "0" : String(tenths / 10);
}

/** `<name attributes>children</name>`; the children are SVG already. */
export function element(name: string, attributes: Attributes, children: readonly string[] = []): string {
  const written = Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${typeof value === "number" ? pixels(value) : escapeXml(value)}"`)
    .join("");
  return children.length === 0 ? `<${name}${written}/>` : `<${name}${written}>${children.join("")}</${name}>`;
}

/** A line of text with its baseline at (x, y). */
export function label(content: string, x: number, y: number, attributes: Attributes = {}): string {
  return element("text", { x, y, ...attributes }, [escapeXml(content)]);
}

/** Path data through points given as x0, y0, x1, y1, ... in pixels. */
export function polyline(points: ArrayLike<number>): string {
  let data = "";
  for (let i = 0; i + 1 < points.length; i += 2) {
    data += `${i === 0 ? "M" : "L"}${pixels(points[i])} ${pixels(points[i + 1])}`;
  }
  return data;
}

/** Mean width of a letter in font sizes, for the widest common sans-serif font; there is no font to measure with. */
const LETTER_WIDTH = 0.6;

/** An estimate of the width of `content` in pixels, rather too large than too small. */
export function textWidth(content: string, size: number): number {
  return content.length * size * LETTER_WIDTH;
}

/** `content`, cut with an ellipsis where it would be wider than `width` pixels. */
export function fitText(content: string, size: number, width: number): string {
  const most = Math.max(1, Math.floor(width / (size * LETTER_WIDTH)));
  const letters = [...content];
  return letters.length <= most ? content : letters.slice(0, most - 1).join("") + "…";
}
