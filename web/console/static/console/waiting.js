// A page that waits looks by itself whether there is an answer. Without scripts its button does the same.
const look = async () => {
  const answer = await fetch(location.href, { method: "HEAD", redirect: "manual", cache: "no-store" }).catch(() => null);
  if (answer && answer.status !== 202) location.reload();
  else setTimeout(look, 2000);
};
if (document.querySelector("[data-wait]")) setTimeout(look, 1500);
