// Tells the style that scripts run, as govuk-frontend asks. A file of its own, because the page allows no inline script.
document.body.classList.add("js-enabled");
if ("noModule" in HTMLScriptElement.prototype) document.body.classList.add("govuk-frontend-supported");
