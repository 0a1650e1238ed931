/** Figures in a page: those of one panel side by side, pages of columns folded where there are many. */
import { counted } from "../progress/numbers.ts";
import { escapeHtml } from "./escapeHtml.ts";
import type { Figure } from "./figureContext.ts";

/** Pages of a figure that are seen at once, where there are more. */
const OPEN_PAGES = 2;

export function figureSection(figures: readonly Figure[]): string {
  const inline = figures.map(({ svg, note, page }, i) => {
    const caption = note === undefined ? "" : `<figcaption class="sub">${escapeHtml(note)}</figcaption>`;
    const half = isWide(svg) ? "" : ' class="half"';
    return { page: page ?? 0, html: `<figure${half}>${withOwnIds(svg, `f${i}-`)}${caption}</figure>` };
  });
  const pages = inline.filter(({ page }) => page > 0).length;
  const isFolded = ({ page }: { readonly page: number }): boolean => pages > OPEN_PAGES + 1 && page > OPEN_PAGES;
  const folded = inline.filter(isFolded);
  const grid = (shown: typeof inline): string =>
    `<div class="figures">\n${shown.map(({ html }) => html).join("\n")}\n</div>`;
  const more =
    folded.length === 0
      ? ""
      : `<details><summary>The other columns: ${counted(folded.length, "further page")} of data against samples</summary>\n${grid(folded)}\n</details>\n`;
  const isPage = ({ page }: { readonly page: number }): boolean => page > 0;
  const first = inline.filter((figure) => isPage(figure) && !isFolded(figure));
  const others = inline.filter((figure) => !isPage(figure));
  return more === "" ? grid(inline) : `${grid(first)}\n${more}${grid(others)}`;
}

/** Figures of one panel stand side by side. */
const isWide = (svg: string): boolean => Number(/ width="([\d.]+)"/.exec(svg)?.[1]) > 740;

/** Several SVGs in one page share one space of ids. */
export function withOwnIds(svg: string, prefix: string): string {
  return svg.replace(/\bid="([^"]+)"/g, `id="${prefix}$1"`).replace(/url\(#([^)]+)\)/g, `url(#${prefix}$1)`);
}
