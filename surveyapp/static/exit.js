/* Quick exit: the page of answers leaves the browser's history as far as a script can make it.
   Without scripts the link works just the same. Written for old browsers on purpose. */
(function () {
  document.addEventListener("click", function (event) {
    var link = event.target.closest ? event.target.closest("a[data-exit]") : null;
    if (!link) return;
    event.preventDefault();
    document.body.hidden = true;
    location.replace(link.href);
  });
  /* “Back” may bring a page out of the browser's memory, answers and all, although they were left by
     the quick exit: it is shown again only if its answers still exist. */
  window.addEventListener("pageshow", function (event) {
    if (!event.persisted || !window.fetch) return;
    function reload() { location.reload(); }
    document.body.hidden = true;
    fetch(location.href, { credentials: "same-origin" }).then(function (answer) {
      if (answer.ok) document.body.hidden = false; else reload();
    }, reload);
  });
})();
