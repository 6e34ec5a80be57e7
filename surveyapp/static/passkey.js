/* Passkeys: the form's button asks the browser first and sends what it answers.
   Everything is in the page: what is asked (data-options) and what is said when it fails (data-problem). */
(function () {
  var form = document.querySelector("form[data-passkey]");
  if (!form) return;

  form.addEventListener("submit", function (event) {
    var answer = form.elements.namedItem("credential");
    if (answer.value) return;
    event.preventDefault();
    say(null);
    if (!window.PublicKeyCredential) return say("missing");
    setBusy(true);
    ask(form.dataset.passkey, JSON.parse(form.dataset.options)).then(function (credential) {
      answer.value = JSON.stringify(spoken(credential));
      form.submit();
    }).catch(function (error) {
      setBusy(false);
      say(error.name === "InvalidStateError" ? "known" : "failed");
    });
  });

  /* A page out of the browser's memory must not send its old answer again. */
  window.addEventListener("pageshow", function () {
    form.elements.namedItem("credential").value = "";
    setBusy(false);
  });

  function ask(act, options) {
    options.challenge = bytes(options.challenge);
    if (options.user) options.user.id = bytes(options.user.id);
    (options.allowCredentials || options.excludeCredentials || []).forEach(function (known) {
      known.id = bytes(known.id);
    });
    return navigator.credentials[act]({ publicKey: options });
  }

  function spoken(credential) {
    var response = credential.response;
    var told = {
      id: credential.id,
      rawId: text(credential.rawId),
      type: credential.type,
      clientExtensionResults: {},
      response: { clientDataJSON: text(response.clientDataJSON) },
    };
    if (response.attestationObject) {
      told.response.attestationObject = text(response.attestationObject);
      told.response.transports = response.getTransports ? response.getTransports() : [];
    } else {
      told.response.authenticatorData = text(response.authenticatorData);
      told.response.signature = text(response.signature);
      told.response.userHandle = response.userHandle ? text(response.userHandle) : null;
    }
    return told;
  }

  function bytes(base64url) {
    var plain = atob(base64url.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, function (letter) { return letter.charCodeAt(0); });
  }

  function text(buffer) {
    var plain = Array.from(new Uint8Array(buffer), function (code) { return String.fromCharCode(code); }).join("");
    return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  }

  function say(problem) {
    document.querySelectorAll("[data-problem]").forEach(function (box) {
      box.hidden = box.dataset.problem !== problem;
    });
  }

  function setBusy(busy) {
    form.querySelector("button").disabled = busy;
  }
})();
