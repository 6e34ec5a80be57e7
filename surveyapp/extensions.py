"""Flask extensions as module globals; `create_app` binds them to an application."""

from __future__ import annotations

from flask_babel import Babel
from flask_sqlalchemy import SQLAlchemy

from surveyapp.database import Base

db = SQLAlchemy(model_class=Base)
babel = Babel()
