import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"002 · Policies check their own options","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/002-policies-check-their-own-options.md","filePath":"decisions/002-policies-check-their-own-options.md"}');
const _sfc_main = { name: "decisions/002-policies-check-their-own-options.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="_002-·-policies-check-their-own-options" tabindex="-1">002 · Policies check their own options <a class="header-anchor" href="#_002-·-policies-check-their-own-options" aria-label="Permalink to &quot;002 · Policies check their own options&quot;">​</a></h1><p>The layer rule said that <code>policies/</code> imports types only. But <code>fullJitter({ cap: -1 })</code> is evaluated before <code>createConnection</code> is called, so the boundary where its options are validated is the factory itself; a profile that carried its mistakes along to be found later would report them far from their cause. So <code>policies/</code> may import <code>errors.ts</code> and <code>checks.ts</code>, and nothing else of value. Both are pure.</p><p><code>transports/ws.ts</code> in turn uses <code>parseRetryAfter</code> of the policies: what a header means is no affair of a runtime.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/002-policies-check-their-own-options.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _002PoliciesCheckTheirOwnOptions = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _002PoliciesCheckTheirOwnOptions as default
};
