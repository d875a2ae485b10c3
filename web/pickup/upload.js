// Files go up piece by piece, each tried again when the line breaks. Without this script the form sends them whole.
(function () {
  "use strict";
  var form = document.getElementById("answer-form");
  if (!form || !window.fetch || !window.crypto) { return; }
  var piece = Number(form.dataset.piece), files = form.querySelector("input[type=file]"), said = document.getElementById("progress");
  var alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ", token = form.querySelector("[name=csrfmiddlewaretoken]").value;
  function name() {
    var drawn = crypto.getRandomValues(new Uint8Array(26)), made = "0";
    for (var i = 1; i < 26; i++) { made += alphabet[drawn[i] % 32]; }
    return made;
  }
  function wait(tries) { return new Promise(function (on) { setTimeout(on, Math.min(1000 * Math.pow(2, tries), 15000)); }); }
  function ask(path, body, tries) {
    var told = body ? { method: "POST", body: body, headers: { "X-CSRFToken": token, "Content-Type": "application/octet-stream" } } : {};
    return fetch(path, told).then(function (answer) {
      if (answer.ok) { return answer.json(); }
      if (answer.status < 500) { throw new Error("refused"); }
      throw new TypeError("away");
    }).catch(function (error) {
      if (error.message === "refused" || tries >= 12) { throw error; }
      return wait(tries).then(function () { return ask(path, body, tries + 1); });
    });
  }
  function show(file, done) {
    said.hidden = false;
    said.querySelector("progress").value = done;
    said.querySelector("span").textContent = file.name + ": " + Math.round(done * 100) + "%";
  }
  function send(file, ident, number) {
    if (number * piece >= file.size) { return Promise.resolve(); }
    show(file, number * piece / file.size);
    return file.slice(number * piece, (number + 1) * piece).arrayBuffer().then(function (body) {
      return ask(form.dataset.upload.replace("IDENT", ident) + "?number=" + number, body, 0);
    }).then(function (answer) { return send(file, ident, answer.pieces); });
  }
  function hidden(field, value) {
    var made = document.createElement("input");
    made.type = "hidden"; made.name = field; made.value = value; form.appendChild(made);
  }
  form.addEventListener("submit", function (event) {
    var chosen = Array.prototype.slice.call(files.files);
    if (!chosen.length) { return; }
    event.preventDefault();
    form.querySelector("button").disabled = true;
    chosen.reduce(function (before, file) {
      return before.then(function () {
        var ident = name();
        return send(file, ident, 0).then(function () { show(file, 1); hidden("upload", ident); hidden("name", file.name); });
      });
    }, Promise.resolve()).then(function () {
      files.disabled = true;
      form.submit();
    }).catch(function () {
      form.querySelector("button").disabled = false;
      said.hidden = false;
      said.querySelector("span").textContent = form.dataset.failed;
    });
  });
})();
