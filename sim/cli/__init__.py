"""The command line: it reads arguments, calls the package, and is the only place that prints.

* `streams`: the standard streams, made safe to use even if they are closed or full.
* `printing`: lines of text, in which hidden characters are escapes, and commands.
* `layout`: pages of tables laid out for people.
* `formats`: pages of tables as CSV, JSON and Markdown.
* `plain_console`: the console that prints pages, in which text is never markup.
* `pages`: printing a page, in the form that the user asked for.
* `progress`: the progress bar of a long command, and a line while code is compiled.
* `world_faults`: faults of the world, such as a full disk, each in a sentence that says what to do.
* `exits`: the exit codes, and what is printed about an error before the command ends.
* `interrupts`: signals that end a command.
* `failures`: what a command says where replications have failed.
* `groups`: groups of commands that say which commands there are.
* `files`: the commands that read and write scenario files, and the one that lists results.
* `simulations`: the commands that simulate.
* `exploiting`: the command that finds what a smuggler who knows the plan would do.
* `inferring`: the command that tells what happened from what was reported.
* `observing`: the command that counts which eyes saw the transfers of a run.
* `deciding`: the command that chooses a plan while figures are unknown.
* `plotting`: the commands of `seasweep plot`, one for each kind of plot.
* `importing`: the command that makes recorded AIS usable as background traffic.
* `exporting`: the command that writes a run as map layers.
* `reporting`: the command that writes the report of a run, of two runs or of a study.
* `main`: the whole command line.
"""
