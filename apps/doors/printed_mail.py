"""Mail of a run on one machine: printed as it reads, so that a link in it stays whole, and sent to nobody."""

from django.core.mail import EmailMessage
from django.core.mail.backends import console


class EmailBackend(console.EmailBackend):
    """Django's prints a message as it travels, where a line of more than 78 characters is broken."""

    def write_message(self, message: EmailMessage) -> None:
        head = f"To: {', '.join(message.to)}\nSubject: {message.subject}\n"
        self.stream.write(f"{'-' * 79}\n{head}\n{message.body}\n{'-' * 79}\n")
