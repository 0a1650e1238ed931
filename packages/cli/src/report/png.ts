/** SVG to PNG. Text needs a font file: ours, so that pictures are the same on every machine. */
import { fileURLToPath } from "node:url";

const font = (name: string): string => fileURLToPath(new URL(`../../assets/${name}`, import.meta.url));

/** The PNG of an SVG at twice its size; undefined where the renderer is not installed. */
export async function renderPng(svg: string): Promise<Uint8Array | undefined> {
  const renderer = await import("@resvg/resvg-js").catch(() => undefined);
  if (renderer === undefined) return undefined;
  const image = new renderer.Resvg(svg, {
    fitTo: { mode: "zoom", value: 2 },
    font: {
      fontFiles: [font("DejaVuSans.ttf"), font("DejaVuSans-Bold.ttf")],
      loadSystemFonts: false,
      defaultFontFamily: "DejaVu Sans",
    },
  });
  return image.render().asPng();
}
