// What the shafts of virtual servos turn: one inertia each, or a simulated hand behind the same
// interface.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "handloop/actuator/geared_load.hpp"
#include "handloop/friction.hpp"

namespace handloop::bus::virtual_servo {

struct Shaft {
  double position = 0.0;  // [rad], 0 in the middle of the encoder's turn
  double velocity = 0.0;  // [rad/s]
  double motor = 0.0;     // [rad], where the motor's side of the play is
  double rubbed = 0.0;    // [W], that the gear's friction made heat of in the last step
};

class Mechanics {
 public:
  Mechanics() = default;
  Mechanics(const Mechanics&) = delete;
  Mechanics& operator=(const Mechanics&) = delete;
  virtual ~Mechanics() = default;

  virtual std::size_t size() const = 0;
  // Moves on by `dt` [s] under the motors' torques [N m], and tells where the shafts are then. A
  // `dt` of 0 only asks.
  virtual void step(double dt, std::span<const double> torque, std::span<Shaft> shafts) = 0;
  // A stuck gear.
  virtual void jam(std::size_t servo, bool jammed) = 0;
};

struct GearFigures {
  double inertia = 0.01;    // [kg m2], rotor, gear and load at the output
  double coulomb = 0.10;    // [N m]
  double viscous = 0.02;    // [N m s/rad]
  double backlash = 0.004;  // [rad], from end to end
  // In place of Coulomb and viscous friction: what hangs on the load, too.
  std::optional<Friction> friction = {};
};

// How far a joint can turn [rad].
struct EndStops {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
};

// One inertia for each servo, with dry and viscous friction in the gear. The output weighs nothing
// and lags behind the gear by half the backlash, the play operator, unless an arm hangs there. End
// stops are hard and take all speed.
class FreeInertias final : public Mechanics {
 public:
  explicit FreeInertias(const std::vector<GearFigures>& figures) {
    for (const GearFigures& f : figures) bodies_.push_back({.figures = f});
  }

  std::size_t size() const override { return bodies_.size(); }

  void step(double dt, std::span<const double> torque, std::span<Shaft> shafts) override {
    for (std::size_t i = 0; i < bodies_.size(); ++i) {
      Body& b = bodies_[i];
      if (!b.jammed && dt > 0.0) {
        if (b.arm) {
          swing(b, dt, torque[i]);
        } else {
          move(b, dt, torque[i]);
        }
      }
      shafts[i] = {b.output, b.velocity, b.gear, b.rubbed};
    }
  }

  void jam(std::size_t servo, bool jammed) override {
    bodies_[servo].jammed = jammed;
    rest(bodies_[servo]);
  }
  // A torque [N m] from outside.
  void load(std::size_t servo, double torque) { bodies_[servo].pull = torque; }
  // An arm that hangs at position 0 and turns as easily as `inertia` [kg m2]; the torque [N m] that
  // holds it level. It is beyond the play, and swings freely in it.
  void hang(std::size_t servo, double inertia, double torque) {
    Body& b = bodies_[servo];
    b.weight = torque;
    b.arm.emplace(b.figures.inertia, inertia, b.figures.backlash, friction_of(b.figures));
    rest(b);
  }
  void place(std::size_t servo, double position) {
    bodies_[servo].gear = bodies_[servo].output = position;
    rest(bodies_[servo]);
  }
  void stop_at(std::size_t servo, const EndStops& stops) { bodies_[servo].stops = stops; }

 private:
  struct Body {
    GearFigures figures;
    EndStops stops = {};
    double gear = 0.0, output = 0.0, velocity = 0.0;  // the last is the gear's
    double pull = 0.0, weight = 0.0;                  // [N m]
    double rubbed = 0.0;                              // [W]
    std::optional<actuator::GearedLoad> arm = {};
    bool jammed = false;
  };

  static Friction friction_of(const GearFigures& f) {
    return f.friction.value_or(Friction{.coulomb = f.coulomb, .viscous = f.viscous});
  }

  static void rest(Body& b) {
    b.velocity = b.rubbed = 0.0;
    if (b.arm) b.arm->place(b.output, 0.0);
  }

  static void swing(Body& b, double dt, double torque) {
    b.arm->drift(0.5 * dt);
    b.arm->push(dt, torque, b.pull - b.weight * std::sin(b.arm->load().position));
    b.arm->drift(0.5 * dt);
    b.gear = b.arm->gear().position;
    b.velocity = b.arm->gear().velocity;
    b.rubbed = b.arm->rubbed();
    b.output = std::clamp(b.arm->load().position, b.stops.low, b.stops.high);
    if (b.output != b.arm->load().position) rest(b);
  }

  static void move(Body& b, double dt, double torque) {
    const GearFigures& f = b.figures;
    const double free = b.velocity + dt * (torque + b.pull) / f.inertia;
    b.velocity = f.friction ? resisted(b, *f.friction, dt, torque) : slowed(b, dt, free);
    b.rubbed = f.inertia / dt * (free - b.velocity) * b.velocity;
    b.gear += dt * b.velocity;
    stop(b);
    b.output = std::clamp(b.output, b.gear - 0.5 * f.backlash, b.gear + 0.5 * f.backlash);
  }

  // The velocity after a step. Friction never turns the motion round: dry friction takes at most
  // all of the speed, viscous friction is taken implicitly.
  static double slowed(const Body& b, double dt, double free) {
    const GearFigures& f = b.figures;
    const double left = std::max(std::abs(free) - dt * f.coulomb / f.inertia, 0.0);
    return std::copysign(left, free) / (1.0 + dt * f.viscous / f.inertia);
  }
  static double resisted(const Body& b, const Friction& friction, double dt, double torque) {
    const double j = b.figures.inertia;
    const double resistance = friction.resist(j, dt, b.velocity, torque, b.pull);
    return b.velocity + dt / j * (torque + b.pull + resistance);
  }

  // The joint is stopped, so the gear still takes up its play.
  static void stop(Body& b) {
    const double play = 0.5 * b.figures.backlash;
    const double reached = std::clamp(b.gear, b.stops.low - play, b.stops.high + play);
    if (reached != b.gear) b.velocity = 0.0;
    b.gear = reached;
  }

  std::vector<Body> bodies_;
};

}  // namespace handloop::bus::virtual_servo
