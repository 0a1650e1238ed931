/** Pictures of several times in one place of a page, and a slider over them: a few lines of script, no network. */

/** One picture with its words. */
export interface Frame {
  readonly heading: string;
  readonly svg: string;
}

/** All are in the page; one is shown. Without scripts all are, one below the other. */
export function sliderHtml(frames: readonly Frame[]): string {
  const pictures = frames.map(({ svg }, i) => `<div class="frame" data-frame="${i}">${svg}</div>`).join("\n");
  const headings = JSON.stringify(frames.map(({ heading }) => heading)).replaceAll("<", "\\u003c");
  const last = frames.length - 1;
  return `<figure class="slider" id="evolution">
${pictures}
<div class="controls" hidden>
<button type="button" aria-label="play">&#9654;</button>
<input type="range" min="0" max="${last}" value="0" step="1" aria-label="time">
<output></output>
</div>
</figure>
<script>
(() => {
  const box = document.getElementById("evolution");
  const [play, slider, words] = ["button", "input", "output"].map((tag) => box.querySelector(tag));
  const frames = [...box.querySelectorAll(".frame")];
  const headings = ${headings};
  const show = (k) => {
    frames.forEach((frame, i) => { frame.hidden = i !== k; });
    slider.value = k;
    words.textContent = headings[k];
  };
  let timer;
  const stop = () => { clearInterval(timer); timer = undefined; play.innerHTML = "&#9654;"; };
  play.onclick = () => {
    if (timer !== undefined) return stop();
    play.innerHTML = "&#10073;&#10073;";
    if (Number(slider.value) === ${last}) show(0);
    timer = setInterval(() => (Number(slider.value) === ${last} ? stop() : show(Number(slider.value) + 1)), 350);
  };
  slider.oninput = () => { stop(); show(Number(slider.value)); };
  box.querySelector(".controls").hidden = false;
  show(0);
})();
</script>`;
}

/** Beside the sheet of all reports. */
export const sliderStyle = `
.frame[hidden] { display: none; }
.controls { display: flex; gap: 12px; align-items: center; padding: 8px 16px 12px; }
.controls[hidden] { display: none; }
.controls input { flex: 1; }
.controls button { width: 40px; height: 32px; border: 1px solid var(--line); border-radius: 8px; background: var(--wash); cursor: pointer; }
.controls output { min-width: 90px; font-variant-numeric: tabular-nums; }
`;
