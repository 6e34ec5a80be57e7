/* A list that is still being worked on is looked at again, in its place: focus, scrolling and what is
   unfolded elsewhere stay. Without scripts a link does the same. */
(function () {
  var seconds = 5;

  function look() {
    var list = document.querySelector("[data-again]");
    if (!list) return;
    if (document.hidden || list.contains(document.activeElement)) return later();
    fetch(location.href, { credentials: "same-origin" }).then(function (answer) {
      if (!answer.ok) throw new Error(answer.status);
      return answer.text();
    }).then(function (html) {
      var fresh = new DOMParser().parseFromString(html, "text/html").getElementById(list.id);
      if (fresh) list.parentNode.replaceChild(fresh, list);
    }).then(later, later);
  }

  function later() { setTimeout(look, seconds * 1000); }

  later();
})();
