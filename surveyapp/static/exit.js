/* Quick exit: the page of answers leaves the browser's history as far as a script can make it.
   Without scripts the link works just the same. Written for old browsers on purpose. */
(function () {
  document.addEventListener("click", function (event) {
    /* not by the target's own method: a form answers with its question of that name */
    var link = Element.prototype.closest && event.target instanceof Element
      ? Element.prototype.closest.call(event.target, "a[data-exit]") : null;
    if (!link) return;
    event.preventDefault();
    document.body.hidden = true;
    forget(function () { location.replace(link.href); });
  });

  /* A start page offers what this phone keeps of its questionnaire: that is deleted before the page is left. */
  function forget(then) {
    var start = /^\/\w+\/q\/([^/]+)\/?$/.exec(location.pathname);
    var isOver = false;
    function leave() {
      if (!isOver) then();
      isOver = true;
    }
    if (!window.indexedDB || !start) return leave();
    setTimeout(leave, 1000);
    function isMeant(row) {
      return row.door === "web" && row.draft.questionnaire === decodeURIComponent(start[1]);
    }
    try { forgetLeft(isMeant); } catch (error) { /* what cannot be read was not left there either */ }
    var opening = indexedDB.open("surveyapp");
    opening.onupgradeneeded = function () { opening.transaction.abort(); };
    opening.onerror = opening.onblocked = leave;
    opening.onsuccess = function () {
      try { remove(opening.result, isMeant, leave); } catch (error) { leave(); }
    };
  }

  /* What was left behind (keep/left.js) may not be in the database yet. */
  function forgetLeft(isMeant) {
    Object.keys(localStorage).forEach(function (key) {
      if (/^surveyapp.left /.test(key) && isMeant(JSON.parse(localStorage[key]).row)) localStorage.removeItem(key);
    });
  }

  function remove(database, isMeant, then) {
    var change = database.transaction(["drafts", "files", "contents"], "readwrite");
    change.oncomplete = change.onabort = then;
    change.objectStore("drafts").openCursor().onsuccess = function (event) {
      var cursor = event.target.result;
      if (!cursor) return;
      if (isMeant(cursor.value)) {
        var theirs = IDBKeyRange.bound([cursor.value.id], [cursor.value.id, []]);
        tellWhoHolds(cursor.value.id);
        cursor.delete();
        change.objectStore("files").delete(theirs);
        change.objectStore("contents").delete(theirs);
      }
      cursor.continue();
    };
  }
  /* A tab that has the draft open must not write it down again. */
  function tellWhoHolds(id) {
    if (!navigator.locks) return;
    navigator.locks.request("draft " + id, { steal: true }, function () {}).catch(function () {});
  }

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
