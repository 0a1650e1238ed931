export { marginGain, wantsMargins } from "./margins.ts";
export { neighbourGap } from "./neighbourGap.ts";
export { chooseStandardizer, settingsOf, standardizeOptions } from "./standardizer.ts";
