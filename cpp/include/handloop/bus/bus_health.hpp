// Temperature, voltage and errors, which change slowly: one servo is asked now and then, in turn.
#pragma once

#include "handloop/bus/hand_bus.hpp"

namespace handloop::bus {

class BusHealth {
 public:
  explicit BusHealth(HandBus& bus) : bus_(bus) {}

  // One that was silent is not asked: it would cost the cycle the patience of its line.
  void ask_next() {
    for (std::size_t n = 0; n < bus_.size(); ++n) {
      next_ = (next_ + 1) % bus_.size();
      const Registers& block = bus_.joint(next_).drive().health.block;
      if (block.size == 0 || bus_.reading(next_).outcome != Outcome::kAnswered) continue;
      const Line::Answer answer = bus_.ask(next_, block);
      if (answer.outcome == Outcome::kAnswered && answer.reply.refusal == 0) {
        bus_.joint(next_).note_health(answer.reply.data);
      }
      return;
    }
  }

 private:
  HandBus& bus_;
  std::size_t next_ = 0;
};

}  // namespace handloop::bus
