// A simulated hand on virtual servos, driven through its bus and judged like one without: what the
// fingertips feel comes beside the bus, as from a device of their own, and every millisecond of
// what really happens is recorded, however seldom the bus lets the controller tick. In lockstep
// only: the hand moves in the thread that drives it.
#pragma once

#include "handloop/bus/virtual/simulated_hand.hpp"
#include "handloop/recorder.hpp"

namespace handloop::bus::virtual_servo {

class HilPlant final : public Plant {
 public:
  // `servos` is the hand on its bus. All must outlive this; `touches`: the hand has fingertips that
  // feel. `sensors` are recorded, up to `capacity` milliseconds.
  HilPlant(Plant& servos, SimulatedHand& hand, const Controller& controller, bool touches,
           const std::vector<int>& sensors, int capacity)
      : servos_(servos),
        hand_(hand),
        controller_(controller),
        touches_(touches),
        recorder_(hand.plant().model(), controller, sensors, capacity) {
    hand_.watch([this] { record(); });
  }
  ~HilPlant() override { hand_.watch({}); }

  const Recorder& recorder() const { return recorder_; }
  bool diverged() const { return !hand_.sound(); }
  Plant& servos() { return servos_; }

  void check_ready() const override { servos_.check_ready(); }
  double now() const override { return servos_.now(); }
  bool real_time() const override { return servos_.real_time(); }
  bool stay() override { return servos_.stay(); }
  void let_go() override { servos_.let_go(); }

  void read(HandState& state) override {
    servos_.read(state);
    if (touches_) state.contact = hand_.touch();
    state_ = state;
  }
  void write(const HandCommand& command) override {
    command_ = command;
    servos_.write(command);
    hand_.begin();
    told_ = true;
  }
  bool advance() override { return servos_.advance() && hand_.sound(); }

 private:
  void record() {
    if (!told_) return;
    command_.time = hand_.plant().now();
    recorder_.record(state_, command_, controller_, hand_.plant().truth());
  }

  Plant& servos_;
  SimulatedHand& hand_;
  const Controller& controller_;
  bool touches_, told_ = false;
  Recorder recorder_;
  HandState state_;      // what the controller was told last
  HandCommand command_;  // and what it said
};

}  // namespace handloop::bus::virtual_servo
