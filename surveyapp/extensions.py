"""Flask extensions as module globals; `create_app` binds them to an application."""

from __future__ import annotations

from flask_babel import Babel
from flask_sqlalchemy import SQLAlchemy
from flask_wtf.csrf import CSRFProtect

from surveyapp.database import Base

db = SQLAlchemy(model_class=Base)
babel = Babel()
csrf = CSRFProtect()
