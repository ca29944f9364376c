import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"006 · A queue can be handed back","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/006-a-queue-can-be-handed-back.md","filePath":"decisions/006-a-queue-can-be-handed-back.md"}');
const _sfc_main = { name: "decisions/006-a-queue-can-be-handed-back.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="_006-·-a-queue-can-be-handed-back" tabindex="-1">006 · A queue can be handed back <a class="header-anchor" href="#_006-·-a-queue-can-be-handed-back" aria-label="Permalink to &quot;006 · A queue can be handed back&quot;">​</a></h1><p><strong><code>connection.withdraw()</code>.</strong> An app that replaces a connection by another (a new user, a new URL) could not take along what the old one had accepted and not sent. <code>close()</code> reports it as <code>dropped</code>, message by message, which is loss told well, and still no way to hand it over in order and in one piece. partysocket has <code>drainQueuedMessages()</code> for this, so the drop-in class needs it, too. <code>withdraw()</code> empties the queue and returns it, oldest first. What it returns is neither sent nor reported; what has expired is reported and not returned. It works in every state: in <code>ended</code> there is nothing left, because the end has reported it.</p><p><strong>The queue gives back what it accepted.</strong> Binary messages were copied for the wire when they were queued, and the app&#39;s own buffer was kept to be given back. An app that writes the next message over that buffer, as many do, would have got back something that it never sent. So without a codec the copy is given back: an <code>ArrayBuffer</code> for an <code>ArrayBuffer</code>, a <code>Uint8Array</code> for any view, the <code>Blob</code> or text itself. With a codec it is the message that the app gave, since only that can be encoded again.</p><p><strong>What is settled at the end is settled in the turn that ends.</strong> It was a task of the outbox, so it ran after the listener in whose turn the connection ended. A listener that called <code>close()</code> and <code>open()</code> lost what it then sent, and its <code>opened()</code> was rejected for the life before. Emptying the queue and settling promises call nobody, so they need not wait. The <code>dropped</code> events still go through the outbox, now before the <code>close</code> event: whoever hears of the end can already know what is left.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/006-a-queue-can-be-handed-back.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _006AQueueCanBeHandedBack = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _006AQueueCanBeHandedBack as default
};
