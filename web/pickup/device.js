// Remember this device: shown only where the browser can. Without this script there are codes.
(function () {
  "use strict";
  if (!window.PublicKeyCredential || !window.fetch) { return; }
  function bytes(text) {
    var plain = atob(text.replace(/-/g, "+").replace(/_/g, "/")), made = new Uint8Array(plain.length);
    for (var i = 0; i < plain.length; i++) { made[i] = plain.charCodeAt(i); }
    return made;
  }
  function text(buffer) {
    var plain = "", all = new Uint8Array(buffer);
    for (var i = 0; i < all.length; i++) { plain += String.fromCharCode(all[i]); }
    return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  }
  function post(path, token, body) {
    var told = { "X-CSRFToken": token, "Content-Type": "application/json" };
    return fetch(path, { method: "POST", headers: told, body: body ? JSON.stringify(body) : "{}" }).then(function (answer) {
      if (!answer.ok) { throw new Error("refused"); }
      return answer;
    });
  }
  function ids(list) { return (list || []).map(function (one) { return Object.assign({}, one, { id: bytes(one.id) }); }); }
  function told(made) {
    var answer = { id: made.id, rawId: text(made.rawId), type: made.type, response: {} };
    ["clientDataJSON", "attestationObject", "authenticatorData", "signature"].forEach(function (name) {
      if (made.response[name]) { answer.response[name] = text(made.response[name]); }
    });
    return answer;
  }
  Array.prototype.forEach.call(document.querySelectorAll("form[data-begin]"), function (form) {
    var token = form.querySelector("[name=csrfmiddlewaretoken]").value, said = form.querySelector("[role=status]");
    form.hidden = false;
    form.addEventListener("submit", function (event) {
      event.preventDefault();
      post(form.dataset.begin, token).then(function (answer) { return answer.json(); }).then(function (options) {
        var asked = options.publicKey;
        asked.challenge = bytes(asked.challenge);
        if (asked.user) {
          asked.user.id = bytes(asked.user.id);
          asked.excludeCredentials = ids(asked.excludeCredentials);
          return navigator.credentials.create({ publicKey: asked });
        }
        asked.allowCredentials = ids(asked.allowCredentials);
        return navigator.credentials.get({ publicKey: asked });
      }).then(function (made) {
        return post(form.dataset.complete, token, told(made));
      }).then(function () {
        if (form.dataset.next) { location.assign(form.dataset.next); return; }
        form.querySelector("button").hidden = true;
        said.textContent = form.dataset.done;
      }).catch(function () { said.textContent = form.dataset.failed; });
    });
  });
})();
