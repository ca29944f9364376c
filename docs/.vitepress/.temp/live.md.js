import { resolveComponent, useSSRContext } from "vue";
import { ssrRenderAttrs, ssrRenderComponent } from "vue/server-renderer";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"Break one here","description":"","frontmatter":{"aside":false,"pageClass":"wide"},"headers":[],"relativePath":"live.md","filePath":"live.md"}');
const _sfc_main = { name: "live.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  const _component_LiveConnection = resolveComponent("LiveConnection");
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="break-one-here" tabindex="-1">Break one here <a class="header-anchor" href="#break-one-here" aria-label="Permalink to &quot;Break one here&quot;">​</a></h1><p>A connection of this library runs in this page. Its server is simulated, in the page as well; nothing is sent anywhere. The durations are short, so that there is something to see. Under the controls, the viewer of <code>statewire/inspect</code> watches it: it hears what any inspector hears, and nothing that is secret.</p>`);
  _push(ssrRenderComponent(_component_LiveConnection, null, null, _parent));
  _push(`<h2 id="what-to-try" tabindex="-1">What to try <a class="header-anchor" href="#what-to-try" aria-label="Permalink to &quot;What to try&quot;">​</a></h2><ul><li><strong>Black hole</strong>, and wait. Nothing happens at first: that is how links die. After at most 3 s of silence the connection asks, 1.5 s later it lets the socket go (<code>close</code> 4000). Attempts now hang, each until its deadline of 3 s. <strong>Heal</strong>, and one succeeds.</li><li><strong>send()</strong> in a black hole: <code>sent</code>, as any socket would say. When the link is given up, it is counted among what is perhaps lost.</li><li><strong>Reset</strong>: 1006 at once, and back within the second or so that it waits at random.</li><li><strong>Refuse</strong>: attempts fail at once, and the waits grow. <strong>Heal</strong>.</li><li><strong>Offline</strong>: the system&#39;s word alone ends nothing. The link is asked out of turn, and given up because it does not answer.</li><li><strong>reconnect()</strong> during a wait dials now; <strong>close()</strong> ends it, whatever it was doing.</li></ul></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("live.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const live = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  live as default
};
