;;; emacs_test.el --- Emacs with eglot against the shipped server -*- lexical-binding: t -*-

;; By the lines of editor_clients/README.md and nothing else. Run by test_emacs.py in batch mode:
;; on the command line stand the file of those lines, a document and an update.

(require 'eglot)
(require 'python)

(defun until (what done)
  "Wait until DONE is true, or fail with WHAT was waited for."
  (let ((end (+ (float-time) 120)))
    (while (not (funcall done))
      (when (> (float-time) end)
        (error "Waited for %s; the document: %s" what (buffer-string)))
      (mapc #'timer-event-handler (copy-sequence timer-idle-list)) ; batch mode is never idle, users are
      (accept-process-output nil 0.05))))

(defun found (text)
  "Whether the document has TEXT."
  (save-excursion (goto-char (point-min)) (search-forward text nil t)))

(defvar said "" "The last message.")
(advice-add 'message :before (lambda (form &rest values) (setq said (if form (apply #'format form values) ""))))

(setq eglot-confirm-server-initiated-edits nil ; nobody is there to answer
      eglot-sync-connect t
      eglot-connect-timeout 120)
(load (expand-file-name (pop command-line-args-left)) nil t)

(let ((document (pop command-line-args-left))
      (update (pop command-line-args-left)))
  (with-temp-buffer (insert-file-contents update) (kill-new (buffer-string)))
  (find-file document)
  (apply #'eglot (eglot--guess-contact)) ; what M-x eglot does
  (buffer-enable-undo)
  (insert "# typed 😀\n") ; not yet told to the server when the command begins
  (undo-boundary)
  (search-forward "def third")
  (let ((before (buffer-string)) (place (point-marker)))
    (call-interactively #'fastapply)
    (until "the edit" (lambda () (found "\"2\"")))
    (unless (looking-back "def third" (line-beginning-position))
      (error "The cursor moved to line %d" (line-number-at-pos)))
    (save-buffer)
    (undo-boundary)
    (primitive-undo 1 (if (car buffer-undo-list) buffer-undo-list (cdr buffer-undo-list)))
    (unless (equal before (buffer-string))
      (error "One undo does not bring it back: %s" (buffer-string)))
    (set-buffer-modified-p nil))
  (kill-new "")
  (call-interactively #'fastapply)
  (until "the reason of a refusal" (lambda () (string-match-p "^fastapply: the update is empty" said)))
  (eglot-shutdown (eglot-current-server)))
