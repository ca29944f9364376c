const _imports_0 = "/statewire/assets/connection.DJ5gqr2G.svg";
export {
  _imports_0 as _
};
