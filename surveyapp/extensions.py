"""Flask extensions as module globals; `create_app` binds them to an application."""

from __future__ import annotations

from flask_babel import Babel
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_sqlalchemy import SQLAlchemy
from flask_wtf.csrf import CSRFProtect

from surveyapp.database import Base

db = SQLAlchemy(model_class=Base)
babel = Babel()
limiter = Limiter(key_func=get_remote_address)
csrf = CSRFProtect()
