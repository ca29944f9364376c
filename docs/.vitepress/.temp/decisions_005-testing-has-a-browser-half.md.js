import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"005 · statewire/testing has a browser half","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/005-testing-has-a-browser-half.md","filePath":"decisions/005-testing-has-a-browser-half.md"}');
const _sfc_main = { name: "decisions/005-testing-has-a-browser-half.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="_005-·-statewire-testing-has-a-browser-half" tabindex="-1">005 · <code>statewire/testing</code> has a browser half <a class="header-anchor" href="#_005-·-statewire-testing-has-a-browser-half" aria-label="Permalink to &quot;005 · \`statewire/testing\` has a browser half&quot;">​</a></h1><p>The entry holds a test clock and a fake transport, which are useful inside a page, and a fault server, which needs <code>node:net</code> and <code>ws</code>. One file for all three cannot be bundled for a browser. The export therefore has a <code>browser</code> condition without the server; types follow it. A separate entry was the other way, at the price of a name more.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/005-testing-has-a-browser-half.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _005TestingHasABrowserHalf = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _005TestingHasABrowserHalf as default
};
