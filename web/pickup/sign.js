// A name drawn with a finger, besides the one that is typed. Without this script it is typed alone.
(function () {
  "use strict";
  var place = document.getElementById("drawing"), field = document.getElementById("drawn");
  if (!place || !field) { return; }
  var canvas = place.querySelector("canvas"), pen = canvas.getContext("2d"), strokes = [], stroke = null;
  place.hidden = false;
  pen.lineWidth = 3; pen.lineCap = "round";
  function point(event) {
    var box = canvas.getBoundingClientRect();
    return [Math.round((event.clientX - box.left) * canvas.width / box.width), Math.round((event.clientY - box.top) * canvas.height / box.height)]
      .map(function (n) { return Math.max(0, Math.min(1000, n)); });
  }
  canvas.addEventListener("pointerdown", function (event) {
    event.preventDefault();
    stroke = [point(event)]; strokes.push(stroke);
    pen.beginPath(); pen.moveTo(stroke[0][0], stroke[0][1]);
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", function (event) {
    if (!stroke || strokes.reduce(function (n, s) { return n + s.length; }, 0) > 2900) { return; }
    var next = point(event); stroke.push(next); pen.lineTo(next[0], next[1]); pen.stroke();
  });
  canvas.addEventListener("pointerup", function () { stroke = null; field.value = JSON.stringify(strokes); });
  place.querySelector("button").addEventListener("click", function () {
    strokes = []; field.value = ""; pen.clearRect(0, 0, canvas.width, canvas.height);
  });
})();
