"""Names of months and weekdays in the languages of Europe, as they stand in dates: full, short, and inflected."""

from __future__ import annotations

_NAMES = """
january jan januar janvier janv enero ene gennaio gen januari styczeń stycznia sty janeiro
february feb februar février fevrier févr fevr fév febrero febbraio februari luty lutego lut fevereiro fev
march mar märz maerz mrz mars marzo maart mrt marzec marca março marco
april apr avril avr abril abr aprile kwiecień kwietnia kwi
may mai mayo maggio mag mei maj maja maio
june jun juni juin junio giugno giu czerwiec czerwca cze junho
july jul juli juillet juil julio luglio lug lipiec lipca lip julho
august aug août aout agosto ago augustus sierpień sierpnia sie
september sep sept septembre septiembre settembre set wrzesień września wrz setembro
october oct oktober okt octobre octubre ottobre ott październik października paź outubro out
november nov novembre noviembre listopad listopada lis novembro
december dec dezember dez décembre decembre déc diciembre dic dicembre grudzień grudnia gru dezembro
"""
_DAYS = """
monday mon montag mo lundi lun lunes lunedì maandag ma poniedziałek pon segunda segunda-feira seg
tuesday tue dienstag di mardi martes martedì dinsdag wtorek wt terça terça-feira ter
wednesday wed mittwoch mi mercredi mer miércoles mercoledì woensdag wo środa śr quarta quarta-feira qua
thursday thu donnerstag do jeudi jeu jueves giovedì gio donderdag czwartek czw quinta quinta-feira qui
friday fri freitag fr vendredi ven viernes venerdì vrijdag vr piątek pt sexta sexta-feira sex
saturday sat samstag sa samedi sábado sabato zaterdag za sobota sob sáb
sunday sun sonntag so dimanche dim domingo domenica dom zondag zo niedziela niedz nd
"""
NUMBERS = {
    name: number for number, line in enumerate(_NAMES.strip().splitlines(), start=1) for name in line.split()
}  # fmt: skip
WEEKDAYS = frozenset(_DAYS.split())
